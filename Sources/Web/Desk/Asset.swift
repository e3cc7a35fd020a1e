/// A file that pages load, embedded in the program; its address changes with its content, so that it may be kept for ever.
package struct Asset: Sendable {
    package let name: String
    package let type: String
    package let bytes: [UInt8]
    package let address: String

    private init(_ name: String, _ type: String, _ bytes: [UInt8]) {
        (self.name, self.type, self.bytes) = (name, type, bytes)
        // FNV-1a: tells contents apart, promises nothing else.
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        address = "/assets/\(name)?v=\(String(hash, radix: 36))"
    }

    package static let style = Asset("desk.css", "text/css; charset=utf-8", PackageResources.desk_css)
    package static let script = Asset("desk.js", "text/javascript; charset=utf-8", PackageResources.desk_js)
    package static let icon = Asset("icon.svg", "image/svg+xml", PackageResources.icon_svg)
    package static let all = [style, script, icon]
}
