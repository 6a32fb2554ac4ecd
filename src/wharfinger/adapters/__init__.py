"""The only place that knows a neighbour: boto3, a driver, DBOS. One file each."""
