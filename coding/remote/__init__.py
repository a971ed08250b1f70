"""Other people's servers, asked for a file: guardedly, slowly, and with an answer for each refusal."""
