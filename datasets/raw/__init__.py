"""Raw recordings, wherever they lie: found in folders and archives, downloaded, read, and split by what their places say."""
