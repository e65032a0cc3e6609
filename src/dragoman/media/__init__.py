"""SOUND: any file to PCM, PCM to any rate, PCM to wav. It knows nothing of speech."""
