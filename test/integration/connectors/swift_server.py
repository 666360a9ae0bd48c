"""OpenStack Swift with its S3 API in one process on loopback, for as long as stdin is open.

Usage: swift_server.py FOLDER REGION ACCESS_KEY SECRET_KEY
Prints the port once it answers. All it keeps is below FOLDER; object bytes are in memory.
"""

import os
import sys

import eventlet

eventlet.monkey_patch(socket=True, select=True, thread=True, time=True, os=False)

from eventlet import wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.wsgi import SwiftHttpProtocol, loadapp  # noqa: E402

PIPELINE = "catch_errors gatekeeper cache listing_formats bulk s3api tempauth copy slo proxy-server"
FILTERS = ["catch_errors", "gatekeeper", "listing_formats", "bulk", "copy", "slo"]


def main(folder, region, access_key, secret_key):
    write(folder, "swift.conf", "[swift-hash]\nswift_hash_path_suffix = test\n")
    utils.set_swift_dir(folder)
    kinds = {"account": "account", "container": "container", "object": "mem_object"}
    for kind, app in kinds.items():
        sock = eventlet.listen(("127.0.0.1", 0))
        make_ring(folder, kind, sock.getsockname()[1])
        serve(sock, write(folder, kind + ".conf", storage_conf(folder, kind, app)))
    sock = eventlet.listen(("127.0.0.1", 0))
    conf = proxy_conf(folder, region, access_key, secret_key)
    serve(sock, write(folder, "proxy.conf", conf))
    print(sock.getsockname()[1], flush=True)
    eventlet.tpool.execute(sys.stdin.read)


class MemoryCache:
    """What Swift keeps in memcached, which one process does not need."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_options):
        return self.values.get(key)

    def set(self, key, value, **_options):
        self.values[key] = value

    def delete(self, key, **_options):
        self.values.pop(key, None)


def memory_cache(_global_conf, **_conf):
    cache = MemoryCache()

    def filtered(app):
        def answer(env, start_response):
            env["swift.cache"] = cache
            return app(env, start_response)

        return answer

    return filtered


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def make_ring(folder, kind, port):
    """One device with one replica."""
    ring = RingBuilder(1, 1, 0)
    place = {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "device": "disk"}
    ring.add_dev({**place, "ip": "127.0.0.1", "port": port})
    ring.rebalance()
    ring.get_ring().save(os.path.join(folder, kind + ".ring.gz"))
    os.makedirs(os.path.join(folder, "devices", "disk"), exist_ok=True)


def common_conf(folder):
    return f"[DEFAULT]\nswift_dir = {folder}\nlog_level = ERROR\nlog_address = /nowhere\n"


def storage_conf(folder, kind, app):
    devices = os.path.join(folder, "devices")
    return (
        f"{common_conf(folder)}devices = {devices}\nmount_check = false\n"
        f"[pipeline:main]\npipeline = {kind}-server\n"
        f"[app:{kind}-server]\nuse = egg:swift#{app}\n"
    )


def proxy_conf(folder, region, access_key, secret_key):
    filters = "".join(f"[filter:{name}]\nuse = egg:swift#{name}\n" for name in FILTERS)
    account, user = access_key.split(":")
    return (
        f"{common_conf(folder)}[pipeline:main]\npipeline = {PIPELINE}\n"
        "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
        f"[filter:s3api]\nuse = egg:swift#s3api\nlocation = {region}\ns3_acl = false\n"
        "[filter:cache]\npaste.filter_factory = swift_server:memory_cache\n"
        "[filter:tempauth]\nuse = egg:swift#tempauth\n"
        f"user_{account}_{user} = {secret_key} .admin\n{filters}"
    )


def serve(sock, conf):
    app = loadapp(conf, global_conf={"log_name": os.path.basename(conf)})
    eventlet.spawn(wsgi.server, sock, app, log_output=False, protocol=SwiftHttpProtocol)


if __name__ == "__main__":
    main(*sys.argv[1:])
