"""What an application did to S3: requests with their dollars, and core time that waited, by place and by stage."""
