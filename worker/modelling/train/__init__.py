"""Fine-tuning on SST-2: two recipes through the same code."""
