import assert from "node:assert/strict";
import { clientAddress } from "../src/base/client-address.ts";

describe("the address by which a client is counted", () => {
  it("is the peer's, whatever the client claims, where no proxy is trusted", () => {
    assert.equal(clientAddress("192.0.2.1", "198.51.100.7", 0), "192.0.2.1");
  });

  it("is the last one that the trusted proxies did not write themselves", () => {
    const spoofed = "10.0.0.1, 198.51.100.7, 203.0.113.9";
    assert.equal(clientAddress("192.0.2.1", spoofed, 1), "203.0.113.9");
    assert.equal(clientAddress("192.0.2.1", spoofed, 2), "198.51.100.7");
    assert.equal(clientAddress("192.0.2.1", "198.51.100.7", 5), "198.51.100.7");
    assert.equal(clientAddress("192.0.2.1", undefined, 1), "192.0.2.1");
  });

  it("is one for all of an IPv6 /64, in whatever form it is written", () => {
    const whole = "2001:db8:0:1::/64";
    for (const text of [
      "2001:db8:0:1::5",
      "2001:0db8:0000:0001:ffff:ffff:ffff:ffff",
      "[2001:db8:0:1::9]:4711",
    ]) {
      assert.equal(clientAddress("192.0.2.1", text, 1), whole);
    }
    assert.equal(clientAddress("2001:db8:0:2::5", undefined, 0), "2001:db8:0:2::/64");
  });

  it("is plain IPv4 where it comes within IPv6, or with a port", () => {
    const mapped = "0000:0000:0000:0000:0000:ffff:c000:0201";
    assert.equal(clientAddress(mapped, undefined, 0), "192.0.2.1");
    assert.equal(clientAddress("192.0.2.1", "198.51.100.7:4711", 1), "198.51.100.7");
  });
});
