"""What the stories share: the gateway as a process, upstreams under test control, a client that sends raw bytes."""
