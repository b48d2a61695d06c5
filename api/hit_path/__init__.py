"""The shortest way through the API: a request whose texts this process holds, answered while its bytes are parsed."""
