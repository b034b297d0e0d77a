"""What an application did to S3, in requests, dollars and waiting."""
