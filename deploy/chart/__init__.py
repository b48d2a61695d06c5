"""Files made from the Helm chart in ``charts/sentiment``: Kustomize overlays and the table of its values."""
