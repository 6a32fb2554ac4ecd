"""AWS through boto3: clients, calls, limits, errors."""
