"""Push services as apps have them: Apple's, Google's, and the business's own server."""
