"""``make load``: a k6 script on the whole product; users install k6 themselves, it is not part of the product."""
