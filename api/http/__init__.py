"""HTTP below the routes: connections, and the content and bodies of requests."""
