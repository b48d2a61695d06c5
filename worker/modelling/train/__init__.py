"""Fine-tuning on SST-2 by one of two recipes."""
