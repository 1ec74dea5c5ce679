"""Where customers are reached: the contract of a channel, the host that runs one, and one folder per channel."""
