/**
 * The vocabulary of the grammar.
 */

const FILM = [
  "the film", "this picture", "the plot", "the script", "the cast", "the lead actor", "the soundtrack", "the ending",
  "the opening scene", "the camera work", "the dialogue", "the director's cut", "the humour", "the villain",
  "the second half", "the love story", "the pacing", "every chase", "the remake", "the young heroine",
];

const SHOP = [
  "the kettle", "this jacket", "the delivery", "the battery", "the customer service", "the packaging", "the screen",
  "the fabric", "this pair of shoes", "the manual", "the zip", "the blender", "the colour", "the size", "the handle",
  "the refund", "the second-hand bike", "the pillow", "the charger", "the garden chair",
];

const OUTING = [
  "the soup", "our waiter", "the hotel room", "the breakfast", "the view", "the wine list", "the queue", "the museum",
  "the guided tour", "the show", "the band", "the main course", "the terrace", "the parking", "the bill", "the staff",
];

/** Each sentence is about the things of one list. */
export const THINGS = [FILM, SHOP, OUTING];

export const VERBS = [
  "is", "was", "feels", "felt", "looks", "looked", "seems", "seemed", "turned out", "turns out to be", "remains",
  "proved to be",
];

export const ADVERBS = [
  "really", "surprisingly", "rather", "quite", "utterly", "a bit", "far too", "very", "almost", "strangely", "truly",
  "never less than", "at times", "simply", "not at all", "less than", "hardly", "wonderfully", "painfully",
];

export const ADJECTIVES = [
  "good", "bad", "charming", "dull", "brilliant", "awful", "funny", "boring", "touching", "cheap", "solid", "broken",
  "clever", "silly", "warm", "cold", "fresh", "stale", "gripping", "predictable", "lovely", "ugly", "smooth", "slow",
  "bright", "noisy", "generous", "useless", "honest", "dishonest", "elegant", "clumsy", "memorable", "forgettable",
];

/** Phrases in place of an adjective, which take no adverb. */
export const VERDICTS = [
  "worth the price", "a waste of money", "a pleasure from start to finish", "a mess", "better than expected",
  "worse than last time", "easy to like", "hard to bear", "one of a kind", "nothing special", "everything but dull",
];

export const JOINTS = [
  "and", "but", "while", "although", "because", "yet", "and in the end", "even though", "so", "whereas", "since",
];

export const OPENERS = [
  "honestly", "after two weeks", "on a rainy Sunday", "for once", "to my surprise", "sad to say", "at this price",
  "from the first minute", "compared with the old one", "as so often", "all in all", "without exaggeration",
];

export const ENDINGS = [
  "I would do it again", "I want my money back", "my children loved it", "never again", "we left early",
  "a friend had warned me", "five stars from me", "I have seen worse", "we will be back next year",
  "nobody in our row laughed", "it makes a fine gift", "save your evening for something else",
];
