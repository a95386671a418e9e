"""What decides the next action: rules, remembered stories, and the choice between them."""
