"""Jobs: many texts, accepted for good and answered in their own time. Nothing in here knows HTTP."""
