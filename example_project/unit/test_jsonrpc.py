"""The gateway's JSON-RPC without its stores."""

from __future__ import annotations

import unittest
from typing import Any

from gateway.jsonrpc import INVALID_PARAMS, INVALID_REQUEST, METHOD_NOT_FOUND, Tool, answer

TOOLS = {"shout": Tool("shout", "Make it loud.", {"text": "what"}, lambda text: {"text": text.upper()})}


def request(method: str, **rest: Any) -> dict[str, Any]:
    """Return a request with an id."""
    return {"jsonrpc": "2.0", "id": 7, "method": method, **rest}


class Answers(unittest.TestCase):
    """What clients get to read."""

    def reply(self, asked: object) -> dict[str, Any]:
        """Return the reply, which there must be."""
        reply = answer(asked, TOOLS)
        assert reply is not None
        return reply

    def test_lists_its_tools(self) -> None:
        (tool,) = self.reply(request("tools/list"))["result"]["tools"]
        self.assertEqual(tool["name"], "shout")
        self.assertEqual(tool["inputSchema"]["required"], ["text"])

    def test_calls_a_tool(self) -> None:
        reply = self.reply(request("tools/call", params={"name": "shout", "arguments": {"text": "hi"}}))
        self.assertEqual(reply["id"], 7)
        self.assertEqual(reply["result"], {"structuredContent": {"text": "HI"}, "isError": False})

    def test_says_which_tools_there_are(self) -> None:
        error = self.reply(request("tools/call", params={"name": "whisper"}))["error"]
        self.assertEqual(error["code"], INVALID_PARAMS)
        self.assertIn("shout", error["message"])

    def test_refuses_arguments_that_do_not_fit(self) -> None:
        for arguments in ({}, {"text": 1}, {"text": "a", "more": "b"}, ["a"]):
            with self.subTest(arguments=arguments):
                reply = self.reply(request("tools/call", params={"name": "shout", "arguments": arguments}))
                self.assertEqual(reply["error"]["code"], INVALID_PARAMS)

    def test_refuses_what_is_no_request(self) -> None:
        refused: tuple[object, ...] = (
            None,
            [],
            {},
            {"jsonrpc": "1.0", "id": 1, "method": "ping"},
            {"jsonrpc": "2.0", "id": 1},
        )
        for asked in refused:
            with self.subTest(asked=asked):
                self.assertEqual(self.reply(asked)["error"]["code"], INVALID_REQUEST)

    def test_does_not_know_every_method(self) -> None:
        self.assertEqual(self.reply(request("resources/list"))["error"]["code"], METHOD_NOT_FOUND)

    def test_does_not_answer_a_notification(self) -> None:
        self.assertIsNone(answer({"jsonrpc": "2.0", "method": "notifications/initialized"}, TOOLS))


if __name__ == "__main__":
    unittest.main()
