"""``make load``: a k6 script against the whole product; k6 itself is the user's, and no part of ours."""
