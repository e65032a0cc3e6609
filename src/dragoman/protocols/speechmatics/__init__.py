"""The Speechmatics-compatible face: realtime over one WebSocket, and temporary keys."""
