"""Keeps a model in a cloud and fetches it, as Rasa does: with Rasa's own class where Rasa is installed, elsewhere by the
same calls of the same libraries.

    persistor.py aws|gcs|azure save FILE KEY
    persistor.py aws|gcs|azure load KEY FILE
"""
import os
import shutil
import sys
import tempfile


def of_rasa(storage):
    """Rasa's persistor; None where Rasa is not installed."""
    try:
        from rasa.nlu.persistor import get_persistor
    except ImportError:
        return None
    persistor = get_persistor(storage)
    return persistor._persist_tar, persistor.retrieve


def aws():
    import boto3
    from botocore.exceptions import ClientError

    s3 = boto3.resource("s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"))
    bucket = s3.Bucket(os.environ["BUCKET_NAME"])
    try:
        region = boto3.DEFAULT_SESSION.region_name
        bucket.create(CreateBucketConfiguration={"LocationConstraint": region})
    except ClientError:
        pass  # Rasa takes any refusal for "it is there".

    def save(key, path):
        with open(path, "rb") as file:
            bucket.Object(key).put(Body=file)

    def load(key, path):
        with open(path, "wb") as file:
            bucket.download_fileobj(key, file)

    return save, load


def gcs():
    from google.cloud import exceptions, storage

    client = storage.Client()
    name = os.environ["BUCKET_NAME"]
    try:
        client.create_bucket(name)
    except exceptions.Conflict:
        pass
    bucket = client.bucket(name)
    return (
        lambda key, path: bucket.blob(key).upload_from_filename(path),
        lambda key, path: bucket.blob(key).download_to_filename(path),
    )


def azure():
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import BlobServiceClient

    # The host is the one thing that Rasa lets nobody set.
    url = os.environ["SLIPWAY_AZURE_ENDPOINT_URL"]
    service = BlobServiceClient(account_url=url, credential=os.environ["AZURE_ACCOUNT_KEY"])
    name = os.environ["AZURE_CONTAINER"]
    try:
        service.create_container(name)
    except ResourceExistsError:
        pass
    container = service.get_container_client(name)

    def save(key, path):
        with open(path, "rb") as file:
            container.upload_blob(name=key, data=file)

    def load(key, path):
        with open(path, "wb") as file:
            file.write(container.get_blob_client(key).download_blob().readall())

    return save, load


def main(storage, action, source, target):
    save, load = of_rasa(storage) or {"aws": aws, "gcs": gcs, "azure": azure}[storage]()
    # Rasa leaves what it fetches in its working directory, too.
    source = os.path.abspath(source) if action == "save" else source
    target = os.path.abspath(target) if action == "load" else target
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    try:
        if action == "save":
            save(target, source)
        else:
            load(source, target)
    finally:
        os.chdir("/")
        shutil.rmtree(folder)


main(*sys.argv[1:])
