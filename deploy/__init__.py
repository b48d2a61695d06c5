"""The sources of the images, the Compose stack, the dashboards and the documentation's site."""
