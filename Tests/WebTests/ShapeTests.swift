import Domain
import HTTPTypes
import Operations
import TestSupport
import Testing

@testable import Web

/// Days, instants and addresses: the patterns of the OpenAPI document take what the server takes, and nothing else.
@Suite struct ShapeTests {
    private func pattern(_ schema: Schema) throws -> Regex<AnyRegexOutput> { try Regex(try #require(schema.json["pattern"]?.text)) }

    private func two(_ number: Int) -> String { String(String(100 + number).suffix(2)) }

    private func agrees(_ schema: Schema, _ pattern: Regex<AnyRegexOutput>, _ text: String, isTaken: Bool) throws {
        #expect(try (pattern.wholeMatch(in: text) != nil) == isTaken, "the pattern, of \(text)")
        #expect((schema.fault(.text(text)) == nil) == isTaken, "the server, of \(text)")
    }

    @Test func everyDayThatThereIsAndNoOtherIsADay() throws {
        let days = try pattern(.day), instants = try pattern(.instant)
        for year in [1989, 1990, 1999, 2000, 2024, 2026, 2099, 2100] {
            for month in 0...13 {
                for day in 0...32 {
                    let text = "\(year)-\(two(month))-\(two(day))"
                    let isTaken = (1990...2099).contains(year) && Day(year: year, month: month, day: day) != nil
                    try agrees(.day, days, text, isTaken: isTaken)
                    if day > 27 { try agrees(.instant, instants, "\(text)T23:59:59Z", isTaken: isTaken) }
                }
            }
        }
    }

    @Test func theLastOfFebruaryIsOfItsYear() throws {
        let days = try pattern(.day), instants = try pattern(.instant)
        for year in 1990...2099 {
            let isLeap = year % 4 == 0
            for (day, isTaken) in [(28, true), (29, isLeap), (30, false)] {
                try agrees(.day, days, "\(year)-02-\(day)", isTaken: isTaken)
                try agrees(.instant, instants, "\(year)-02-\(day)T00:00:00.000001Z", isTaken: isTaken)
            }
        }
    }

    @Test func anInstantIsWrittenInFull() throws {
        let instants = try pattern(.instant)
        for text in ["2026-01-31", "2026-01-31T00:00:00Z", "2026-12-31T23:59:59.5Z", "2026-12-31T23:59:59.123456Z"] {
            try agrees(.instant, instants, text, isTaken: true)
            let instant = try #require(Instant(text)).iso8601
            try agrees(.instant, instants, instant, isTaken: true)
        }
        for text in [
            "", "2026-01-31T24:00:00Z", "2026-01-31T00:60:00Z", "2026-01-31T00:00:60Z", "2026-01-31T00:00:00", "2026-01-31T00:00:00+01:00",
            "2026-01-31 00:00:00Z", "2026-01-31T00:00Z", "2026-01-31T00:00:00.Z", "2026-01-31T00:00:00.1234567Z", "2026-01-31T+1:00:00Z",
            "2026-01-31T00:-0:00Z", "2026-01-31T00:00:00.+1Z", "2026-01-31T00:00:00,5Z", "2026-01-31\n", "1989-12-31T00:00:00Z",
            "2100-01-01T00:00:00Z",
        ] { try agrees(.instant, instants, text, isTaken: false) }
    }

    @Test func anAddressIsTakenAsItIsUsual() throws {
        let addresses = try pattern(.url)
        for text in [
            "https://x.azurewebsites.net/api/f?code=abc==", "https://shop.example.com", "https://Shop.Example.COM:65535/a%20b/",
            "https://shop.example.com?x=1", "https://shop.example.com:1", "https://a.b.c.d.e.example.com/", "https://1.example.com:10443/",
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c",
            "https://p.example.com:443/run?api-version=2016-10-01&sp=%2Ftriggers%2Fmanual&sig=a-_~'()*+,;=$!:/?",
        ] { try agrees(.url, addresses, text, isTaken: true) }
        for text in [
            "", "https://", "https:///", "https://shop", "https://localhost:80/", "http://shop.example.com/", "HTTPS://shop.example.com/",
            "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://1.0xff/", "https://2130706433/", "https://[::1]/",
            "https://[::ffff:127.0.0.1]:80/", "https://shop.example.1", "https://shop.example.com./", "https://.example.com/",
            "https://a@shop.example.com/", "https://a:b@shop.example.com/", "https://shop.example.com?a@127.0.0.1/",
            "https://shop.example.com/#a", "https://shop.example.com?a#b", "https://shop.example.com:0/", "https://shop.example.com:080/",
            "https://shop.example.com:65536/", "https://shop.example.com:123456/", "https://shop.example.com:/",
            "https://shop.example.com:1:2/", "https://shop.example.com/a b", "https://shop.example.com/\n", "https://shop.example.com\n",
            "https://shop.example.com/\u{7}", "https://shop.example.com/%2", "https://shop.example.com/%zz", "https://shop.example.com\\a",
            "https://shop.example.com/\\a", "https://shop.ex%61mple.com/", "https://shöp.example.com/", "https://shop.example.com/ö",
            "https://a_b.example.com/", "https://shop.example.com/\"", "https://a.b.c.d.e.f.g.h.example.com/",
        ] { try agrees(.url, addresses, text, isTaken: false) }
    }

    /// A place is what its list is sorted by, as it stands: names of several lines too.
    @Test func aPlaceHoldsWhatAListIsSortedBy() throws {
        let places = try pattern(.place), long = String(repeating: "x", count: 1_000)
        for text in ["1~", "12~meyer", "12~meyer\nhandel", "3~a\tb\u{7F}", "9007199254740991~öl~", "9007199254740991~\(long)"] {
            try agrees(.place, places, text, isTaken: true)
        }
        for text in ["", "~", "x~y", "12", "12345678901234567~x", "-1~x", "1~a\u{0}", "1~a\u{1}"] {
            try agrees(.place, places, text, isTaken: false)
        }
        #expect(Schema.place.fault(.text("9007199254740991~\(long)x")) != nil)
        #expect(Schema.place.json["maxLength"]?.integer == 1_017)
    }

    @Test func bucketsAreBoundsFromZero() throws {
        let bounds = try pattern(.buckets), most = "0" + String(repeating: ",1", count: AgingBuckets.boundLimit - 1)
        for text in ["0", "0,30,60,90", "0,1,9999", most] { try agrees(.buckets, bounds, text, isTaken: true) }
        for text in ["", "1", "00", "0,", ",0", "0,030", "0,10000", "0, 30", "0,-1", "0;30", most + ",1"] {
            try agrees(.buckets, bounds, text, isTaken: false)
        }
    }

    @Test func aDayThatThereIsNotIsToldByItsPlace() async throws {
        let server = try await DeskServer.open(.sqlite), key = try await server.key(.clerk)
        func get(_ query: String) async -> Answer { await server.send(.get, "/v1/orders?\(query)", [("Authorization", "Bearer \(key)")]) }
        for query in ["as_of=2024-02-29", "known_at=2026-01-31T23:59:59Z", "known_at=2026-03-29T12:00:00.25Z"] {
            #expect(await get(query).status == .ok, "\(query)")
        }
        for (query, place) in [("as_of=2026-02-29", "as_of"), ("as_of=2026-02-31", "as_of"), ("known_at=2026-04-31T00:00:00Z", "known_at")]
        {
            let answer = await get(query), json = try JSONReader.read(answer.bytes)
            #expect(answer.status == .badRequest && json["param"]?.text == place, "\(query): \(answer.body)")
        }
        let document = try JSONReader.read(OpenAPI.document)
        for endpoint in Endpoint.all {
            let responses = document["paths"]?[endpoint.path]?[endpoint.method.lowercased()]?["responses"]
            #expect(responses?["400"] != nil, "\(endpoint.method) \(endpoint.path)")
        }
    }
}
