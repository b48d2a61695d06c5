"""Load on the product and its measurement: traffic, k6 scripts, baselines, the benchmark, capacity planning."""
