"""The sources of the images, the composed stack, the dashboards and the documentation's site."""
