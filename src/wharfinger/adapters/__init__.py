"""The only packages that import boto3, the driver, DBOS or SQLAlchemy; they implement the ports of the capabilities."""
