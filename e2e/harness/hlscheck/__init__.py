"""The parts of the HLS checker; `harness.hls_checker` puts them together."""
