"""A server whose answers a test lists, for downloads without a network."""

import hashlib
import http.server
import threading

CONTENT = bytes(range(256)) * 400
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server:
    """A server whose answers are listed: each request takes the next, the last one stays."""

    def __init__(self):
        self.answers, self.requests = {}, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                wanted = self.headers.get("Range")
                outer.requests.append((self.path, wanted))
                answers = outer.answers[self.path]
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                answer(self, int(wanted[len("bytes=") : -1]) if wanted else None)

            def do_CONNECT(self):
                self.send_error(502)

            def log_message(self, *_):
                pass

        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.httpd.serve_forever, args=(0.01,))
        self.thread.start()

    def url(self, path):
        return f"http://127.0.0.1:{self.httpd.server_port}{path}"

    def close(self):
        self.httpd.shutdown()
        self.thread.join()
        self.httpd.server_close()


def whole(content=CONTENT):
    """The file; from where it is asked for on."""

    def answer(handler, start):
        if start is not None and start >= len(content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(content)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(200 if start is None else 206)
        if start is not None:
            end = len(content) - 1
            handler.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        body = content[start or 0 :]
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def without_ranges(handler, _):
    whole()(handler, None)


def cut(size):
    """`size` bytes of what was asked for, though all were promised."""

    def answer(handler, start):
        handler.send_response(200 if start is None else 206)
        begin = start or 0
        if start is not None:
            end = len(CONTENT) - 1
            handler.send_header("Content-Range", f"bytes {start}-{end}/{len(CONTENT)}")
        handler.send_header("Content-Length", str(len(CONTENT) - begin))
        handler.end_headers()
        handler.wfile.write(CONTENT[begin : begin + size])
        handler.close_connection = True

    return answer


def status(code, **headers):
    def answer(handler, _):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


def names(folder):
    return sorted(path.name for path in folder.iterdir())
