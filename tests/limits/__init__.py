"""Every limit of appendix A, just under and just over."""
