"""Many runs of one plan: its points, what carries them out, what comes out."""
