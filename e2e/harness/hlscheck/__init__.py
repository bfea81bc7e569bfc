"""The parts of the HLS checker; `harness.hls_rules` puts them together."""
