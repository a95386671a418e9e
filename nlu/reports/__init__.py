"""What an evaluation tells: each file is one section of its report, or one form of it."""
