"""What equations are written with: arithmetic of the same bits everywhere, declared types, random draws, lists of spikes."""
