"""What is around the product: what its images, its composed stack and its dashboards are made of."""
