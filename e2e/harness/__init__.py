"""What the end-to-end tests share: the server under test, real clients, raw clients and the comparison of frames."""
