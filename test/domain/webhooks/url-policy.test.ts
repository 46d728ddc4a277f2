import { describe, expect, it } from "vitest";
import { DomainError } from "../../../domain/errors.ts";
import { assertUrlAllowed, type UrlPolicy } from "../../../domain/webhooks/url-policy.ts";

const production: UrlPolicy = { environment: "production", purpose: "webhook" };
const local: UrlPolicy = { environment: "local", purpose: "webhook" };

const isAllowed = (url: string, policy: UrlPolicy): boolean => {
  try {
    assertUrlAllowed(url, policy);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).code).toBe("url_not_allowed");
    return false;
  }
};

const PUBLIC = [
  "https://example.com/hooks",
  "https://example.com:443/hooks",
  "https://example.com:8443/hooks",
  "https://example.com:1024/",
  "https://example.com:65535/",
  "https://hooks.shop.example.co.uk/a?b=c",
  "https://xn--bcher-kva.example.com/",
  "https://bücher.example.com/",
  "https://example.com./dot-at-the-end",
  "https://8.8.8.8/",
  "https://1.1.1.1:8443/",
  "https://172.15.255.255/",
  "https://172.32.0.0/",
  "https://100.63.255.255/",
  "https://100.128.0.0/",
  "https://192.167.255.255/",
  "https://192.169.0.0/",
  "https://169.253.255.255/",
  "https://198.17.255.255/",
  "https://198.20.0.0/",
  "https://223.255.255.255/",
  "https://126.255.255.255/",
  "https://128.0.0.0/",
  "https://9.255.255.255/",
  "https://11.0.0.0/",
  "https://[2606:4700:4700::1111]/",
  "https://[2a00:1450:4001:81b::200e]:8443/",
  "https://[2001:200::1]/",
  "https://[2001:4860:4860::8888]/",
  "https://ec2-54-12-0-9.compute.amazonaws.com/",
  "https://8.8.8.8.nip.io/",
  "https://app.8-8-8-8.sslip.io/",
  "https://0a1b2c3d.preview.example.com/",
  "https://notrbndr.us/",
  "https://example.com/?next=http://127.0.0.1/",
  "https://example.com/@10.0.0.1/",
  "https://v999.999.999.999.example.com/",
  "https://release-1-2-3.example.com/",
];

const REFUSED: [what: string, url: string][] = [
  ["http", "http://example.com/"],
  ["ftp", "ftp://example.com/"],
  ["file", "file:///etc/passwd"],
  ["data", "data:text/plain,hello"],
  ["javascript", "javascript:alert(1)"],
  ["gopher", "gopher://example.com:70/_x"],
  ["websocket", "wss://example.com/"],
  ["no scheme", "example.com/hooks"],
  ["relative to a scheme", "//example.com/hooks"],
  ["nothing", ""],
  ["no host", "https://"],
  ["user name", "https://user@example.com/"],
  ["user name and password", "https://user:pass@example.com/"],
  ["public host as user name", "https://example.com@10.0.0.1/"],
  ["fragment", "https://example.com/#part"],
  ["space in front", " https://example.com/"],
  ["space inside", "https://example.com/a b"],
  ["tab inside the host", "https://exam\tple.com/"],
  ["line break", "https://example.com/\r\nHost: internal"],
  ["NUL", "https://example.com/\u0000"],
  ["DEL", "https://example.com/\u007f"],
  ["backslashes", "https:\\\\example.com\\"],
  ["backslash before the user part", "https://example.com\\@10.0.0.1/"],
  ["port 22", "https://example.com:22/"],
  ["port 80", "https://example.com:80/"],
  ["port 0", "https://example.com:0/"],
  ["port 1023", "https://example.com:1023/"],
  ["port out of range", "https://example.com:65536/"],
  ["localhost", "https://localhost/"],
  ["localhost with a dot", "https://localhost./"],
  ["localhost in capitals", "https://LOCALHOST/"],
  ["under localhost", "https://app.localhost/"],
  ["under localhost with a dot", "https://app.localhost./"],
  ["one label", "https://intranet/"],
  [".local", "https://printer.local/"],
  [".internal", "https://metadata.google.internal/"],
  [".internal with a dot", "https://metadata.google.internal./"],
  [".lan", "https://nas.lan/"],
  [".home.arpa", "https://nas.home.arpa/"],
  [".corp", "https://wiki.corp/"],
  [".test", "https://app.test/"],
  [".onion", "https://abcdefghij.onion/"],
  ["empty label", "https://a..example.com/"],
  ["loopback", "https://127.0.0.1/"],
  ["loopback, end of its range", "https://127.255.255.254/"],
  ["loopback with a dot", "https://127.0.0.1./"],
  ["loopback, short", "https://127.1/"],
  ["loopback, decimal", "https://2130706433/"],
  ["loopback, octal", "https://0177.0.0.1/"],
  ["loopback, octal whole", "https://017700000001/"],
  ["loopback, hex", "https://0x7f.0.0.1/"],
  ["loopback, hex whole", "https://0x7f000001/"],
  ["loopback, mixed", "https://0x7f.1/"],
  ["loopback, percent-encoded", "https://%31%32%37.0.0.1/"],
  ["loopback, full-width digits", "https://１２７.０.０.１/"],
  ["loopback, enclosed digits and dot", "https://①②⑦。0。0。1/"],
  ["this network", "https://0.0.0.0/"],
  ["zero", "https://0/"],
  ["10/8", "https://10.0.0.1/"],
  ["10/8, decimal", "https://167772161/"],
  ["10/8, end", "https://10.255.255.255/"],
  ["CGNAT, start", "https://100.64.0.0/"],
  ["CGNAT, end", "https://100.127.255.255/"],
  ["link-local metadata", "https://169.254.169.254/latest/meta-data/"],
  ["metadata, decimal", "https://2852039166/"],
  ["metadata, hex", "https://0xa9fea9fe/"],
  ["metadata, octal", "https://0251.0376.0251.0376/"],
  ["172.16/12, start", "https://172.16.0.0/"],
  ["172.16/12, end", "https://172.31.255.255/"],
  ["protocol assignments", "https://192.0.0.8/"],
  ["documentation 1", "https://192.0.2.1/"],
  ["documentation 2", "https://198.51.100.7/"],
  ["documentation 3", "https://203.0.113.9/"],
  ["6to4 relay", "https://192.88.99.1/"],
  ["192.168/16", "https://192.168.1.1/"],
  ["benchmarks", "https://198.18.0.1/"],
  ["benchmarks, end", "https://198.19.255.255/"],
  ["multicast", "https://224.0.0.1/"],
  ["multicast, end", "https://239.255.255.255/"],
  ["reserved", "https://240.0.0.1/"],
  ["broadcast", "https://255.255.255.255/"],
  ["v6 unspecified", "https://[::]/"],
  ["v6 loopback", "https://[::1]/"],
  ["v6 loopback, long", "https://[0:0:0:0:0:0:0:1]/"],
  ["v4-mapped loopback", "https://[::ffff:127.0.0.1]/"],
  ["v4-mapped loopback, hex", "https://[::ffff:7f00:1]/"],
  ["v4-mapped private", "https://[::ffff:10.0.0.1]/"],
  ["v4-mapped public", "https://[::ffff:8.8.8.8]/"],
  ["v4-translated", "https://[::ffff:0:127.0.0.1]/"],
  ["v4-compatible", "https://[::127.0.0.1]/"],
  ["NAT64", "https://[64:ff9b::10.0.0.1]/"],
  ["NAT64, hex", "https://[64:ff9b::a9fe:a9fe]/"],
  ["NAT64, local use", "https://[64:ff9b:1::1]/"],
  ["6to4 of loopback", "https://[2002:7f00:1::]/"],
  ["6to4 of private", "https://[2002:a00:1::1]/"],
  ["Teredo", "https://[2001:0:53aa:64c:0:fbdd:f5ff:fffe]/"],
  ["ORCHID", "https://[2001:20::1]/"],
  ["2001::/23, end", "https://[2001:1ff::1]/"],
  ["v6 documentation", "https://[2001:db8::1]/"],
  ["v6 documentation 2", "https://[3fff:fff::1]/"],
  ["v6 discard", "https://[100::1]/"],
  ["unique local fc", "https://[fc00::1]/"],
  ["unique local fd", "https://[fd00:ec2::254]/"],
  ["v6 link-local", "https://[fe80::1]/"],
  ["v6 link-local, end", "https://[febf::1]/"],
  ["v6 site-local", "https://[fec0::1]/"],
  ["v6 multicast", "https://[ff02::1]/"],
  ["v6 above global unicast", "https://[4000::1]/"],
  ["SRv6", "https://[5f00::1]/"],
  ["v6 with a zone", "https://[fe80::1%25eth0]/"],
  ["wildcard DNS", "https://127.0.0.1.nip.io/"],
  ["wildcard DNS, metadata", "https://169.254.169.254.sslip.io/"],
  ["wildcard DNS with dashes", "https://app-10-0-0-1.sslip.io/"],
  ["wildcard DNS inside a name", "https://a.192-168-1-1.b.example.com/"],
  ["wildcard DNS, hex", "https://7f000001.nip.io/"],
  ["wildcard DNS, hex in a name", "https://app-a9fea9fe.nip.io/"],
  ["wildcard DNS, v6 loopback", "https://--1.sslip.io/"],
  ["wildcard DNS, v6 private", "https://fd00--1.sslip.io/"],
  ["wildcard DNS without an address", "https://sslip.io/"],
  ["rebinding, two addresses in turn", "https://7f000001.c0a80001.rbndr.us/"],
  ["rebinding, second answer", "https://make-8.8.8.8-rebind-127.0.0.1-rr.1u.ms/"],
  ["rebinding, hidden second answer", "https://make-8-8-8-8-rebind-0x7f000001-rr.1u.ms/"],
  ["rebinding with a dot at the end", "https://a.rbndr.us./"],
  ["a name of loopback", "https://app.localtest.me/"],
  ["another name of loopback", "https://lvh.me/"],
  ["loopback, octal and hex mixed", "https://0177.0x0.1/"],
  ["loopback, padded octal", "https://0000177.0.0.01/"],
  ["10/8, hex parts", "https://0xa.0x0.0x0.0x1/"],
  ["192.168/16, octal", "https://0300.0250.01.01/"],
  ["metadata, mixed", "https://0xa9.254.0251.0xfe/"],
  ["metadata, three parts", "https://169.254.43518/"],
  ["v4-mapped metadata", "https://[::ffff:169.254.169.254]/"],
  ["v4-mapped, long", "https://[0:0:0:0:0:ffff:a00:1]/"],
  ["v4-mapped, capitals", "https://[::FFFF:C0A8:0101]/"],
  ["NAT64 of metadata", "https://[64:ff9b::169.254.169.254]/"],
  ["NAT64 of a public address", "https://[64:ff9b::8.8.8.8]/"],
  ["6to4 of metadata", "https://[2002:a9fe:a9fe::1]/"],
  ["6to4 of a public address", "https://[2002:808:808::1]/"],
  ["ISATAP in a private network", "https://[fd00::5efe:10.0.0.1]/"],
  ["v6 with too many parts", "https://[1:2:3:4:5:6:7:8:9]/"],
  ["SMTP", "https://example.com:25/"],
  ["empty user name", "https://:secret@example.com/"],
  ["user name that looks like a host", "https://127.0.0.1:443@example.com/"],
  ["at sign, encoded", "https://example.com%40127.0.0.1/"],
  ["host, encoded slash", "https://example.com%2f127.0.0.1/"],
  ["too long", `https://example.com/${"a".repeat(2_029)}`],
];

describe("in production", () => {
  it.each(PUBLIC)("allows %s", (url) => {
    expect(isAllowed(url, production)).toBe(true);
  });
  it.each(REFUSED)("refuses %s: %s", (_what, url) => {
    expect(isAllowed(url, production)).toBe(false);
  });
  it("allows the longest URL and refuses one more character", () => {
    expect(isAllowed(`https://example.com/${"a".repeat(2_028)}`, production)).toBe(true);
  });
  it("allows a fragment where a person follows the link", () => {
    expect(isAllowed("https://example.com/#/start", { environment: "production", purpose: "app" })).toBe(true);
  });
  it("says what to change", () => {
    expect(() => assertUrlAllowed("http://example.com/", { ...production, purpose: "logo" })).toThrow(
      "This logo URL cannot be used: it must start with https://.",
    );
  });
  it("returns the canonical spelling", () => {
    expect(assertUrlAllowed("HTTPS://Example.COM:443/a/../b", production).href).toBe("https://example.com/b");
  });
});

describe("in the local environment", () => {
  it.each([
    "http://127.0.0.1:8823/hook/0",
    "http://localhost:4000/hooks",
    "http://localhost/",
    "http://localhost.:4000/",
    "http://writer.localhost:4000/",
    "http://[::1]:4000/",
    "https://localhost:4443/",
    "http://2130706433:4000/",
  ])("also allows loopback: %s", (url) => {
    expect(isAllowed(url, local)).toBe(true);
  });
  it.each([
    "http://example.com/",
    "http://10.0.0.1/",
    "https://10.0.0.1/",
    "http://0.0.0.0:4000/",
    "http://169.254.169.254/",
    "http://[::ffff:127.0.0.1]:4000/",
    "http://localhost.example.com/",
    "http://127.0.0.1.nip.io/",
    "http://user@localhost:4000/",
    "ftp://localhost/",
  ])("still refuses %s", (url) => {
    expect(isAllowed(url, local)).toBe(false);
  });
});
