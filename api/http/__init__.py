"""HTTP below the routes: the server, its connections, and the content of requests."""
