import Testing
import Web

private let type = "multipart/form-data; boundary=----b1"
private let form = """
    ------b1\r\nContent-Disposition: form-data; name="csrf"\r\n\r\ntoken\r\n------b1\r\n\
    Content-Disposition: form-data; name="file"; filename="a;b \u{fc}.xml"\r\nContent-Type: text/xml\r\n\r\n<a>\r\n--\r\n------b</a>\r\n\r\n------b1\r\n\
    Content-Disposition: form-data; name="kind"\r\n\r\n\r\n------b1--\r\n
    """

@Suite struct MultipartFormTests {
    @Test func valuesAndFilesComeOutAsTheyWereSent() throws {
        let read = try #require(MultipartForm(Array(form.utf8), contentType: type))
        #expect(read.values.map(\.name) == ["csrf", "kind"])
        #expect(read.values.map(\.value) == ["token", ""])
        #expect(read.files.map(\.field) == ["file"])
        #expect(read.files.map(\.name) == ["a;b \u{fc}.xml"])
        #expect(String(decoding: read.files[0].bytes, as: UTF8.self) == "<a>\r\n--\r\n------b</a>\r\n")
    }

    @Test func aFormThatWasCutOffIsNone() {
        let bytes = Array(form.utf8), end = bytes.count - 4  // the last delimiter's second `-` and the line break after it may be missing
        for length in 0..<end { #expect(MultipartForm(Array(bytes[..<length]), contentType: type) == nil, "\(length)") }
        #expect(MultipartForm(bytes, contentType: type) != nil)
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=other",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func anotherBoundaryIsNone(contentType: String) {
        #expect(MultipartForm(Array(form.utf8), contentType: contentType) == nil)
    }

    @Test(arguments: 0..<300) func anyBytesAreReadOrRefusedNeverWorse(seed: Int) {
        var bytes = Array(form.utf8), state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        for _ in 0...(seed % 5) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            bytes[Int(state % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 32)
        }
        if let read = MultipartForm(bytes, contentType: type) {
            #expect(read.values.count + read.files.count <= MultipartForm.partLimit)
            #expect(read.files.allSatisfy { $0.bytes.count < bytes.count })
        }
    }
}
