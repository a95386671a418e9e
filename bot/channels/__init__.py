"""Where customers write from. A channel verifies and reads what its platform sends, and writes the answer in its form."""
