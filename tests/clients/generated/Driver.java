import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.JobsApi;
import org.openapitools.client.api.PredictionsApi;
import org.openapitools.client.model.BulkPredictRequest;
import org.openapitools.client.model.JobDocument;
import org.openapitools.client.model.JobRequest;
import org.openapitools.client.model.JobResults;
import org.openapitools.client.model.LabelScore;
import org.openapitools.client.model.LabelScores;
import org.openapitools.client.model.PredictRequest;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.TextResult;

/** The client of OpenAPI Generator for Java: Driver URL TOKEN, with a list of texts as JSON on stdin. */
public class Driver {
  private static String url;

  public static void main(String[] arguments) throws Exception {
    url = arguments[0];
    ObjectMapper mapper = new ObjectMapper();
    List<String> texts = mapper.readValue(System.in, new TypeReference<List<String>>() {});
    ApiClient client = connect(arguments[1]);
    PredictionsApi predictions = new PredictionsApi(client);
    PredictRequest one = new PredictRequest().text(texts.get(0));
    BulkPredictRequest many = new BulkPredictRequest().text(texts);
    Map<String, Object> said =
        Map.of(
            "predict", pairs(predictions.predict(one, null, null).getPrediction()),
            "bulk", entries(predictions.bulkPredict(many, null, null).getPredictions()),
            "job", job(new JobsApi(client), texts),
            "refusal", refusal(one));
    System.out.println(mapper.writeValueAsString(said));
  }

  private static ApiClient connect(String key) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(url);
    client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
    return client;
  }

  private static List<Object> pairs(List<LabelScore> labels) {
    List<Object> found = new ArrayList<>();
    for (LabelScore entry : labels) {
      found.add(List.of(entry.getLabel(), entry.getScore()));
    }
    return found;
  }

  private static List<Object> entries(List<TextResult> results) {
    List<Object> found = new ArrayList<>();
    for (TextResult one : results) {
      boolean whole = one.getActualInstance() instanceof LabelScores;
      found.add(whole ? pairs(one.getLabelScores()) : one.getTextError().getError().getCode());
    }
    return found;
  }

  private static Map<String, Object> job(JobsApi jobs, List<String> texts) throws ApiException {
    JobDocument document = jobs.submitJob(new JobRequest().text(texts), null);
    while (List.of("queued", "processing").contains(document.getStatus().getValue())) {
      document = jobs.showJob(document.getId(), 20);
    }
    JobResults results = jobs.jobResults(document.getId(), null, null, null, null);
    return Map.of(
        "status", document.getStatus().getValue(),
        "self", document.getUrls().getSelf(),
        "predictions", entries(results.getPredictions()));
  }

  private static String refusal(PredictRequest asked) throws Exception {
    try {
      new PredictionsApi(connect("wrong")).predict(asked, null, null);
      return "";
    } catch (ApiException error) {
      return new ObjectMapper().readValue(error.getResponseBody(), Problem.class).getType();
    }
  }
}
