"""From a trained model to what workers serve: fetch, export, quantise, check parity, write the manifest."""
