"""Transfers one file with boto3's parallel transfer, as it is by default; prints how many seconds that took, and
how many of CPU time.

Usage: boto3-transfer.py upload|download BUCKET KEY FILE, with AWS_ENDPOINT_URL and credentials in the environment.
"""
import sys
import time

import boto3

how, bucket, key, file = sys.argv[1:]
client = boto3.client("s3")
client.list_objects_v2(Bucket=bucket, MaxKeys=1)
started, busy = time.monotonic(), time.process_time()
if how == "upload":
    client.upload_file(file, bucket, key)
else:
    client.download_file(bucket, key, file)
print(time.monotonic() - started, time.process_time() - busy)
