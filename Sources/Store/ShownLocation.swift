/// A database's location without the passwords in it: of `user:password@`, and of `password` and `sslpassword` among the parameters.
package func shownLocation(_ location: String) -> String {
    guard let scheme = location.firstRange(of: "://") else {
        return location.replacing(#/\b(ssl)?password\s*=\s*('(\\.|[^'\\])*'?|(\\.|[^\s\\])*)\s*/#, with: "")
    }
    // A password may hold any sign, also those that end it for PostgreSQL.
    var rest = location[scheme.upperBound...], shown = location[..<scheme.upperBound]
    let end = rest.prefix { $0 != "?" }.lastIndex(of: "@") ?? rest.lastIndex(of: "@")
    if let end, let colon = rest[..<end].firstIndex(of: ":") {
        shown += rest[..<colon]
        rest = rest[end...]
    }
    guard let mark = rest.firstIndex(of: "?") else { return String(shown + rest) }
    let kept = rest[rest.index(after: mark)...].split(separator: "&").filter { parameter in
        !["password", "sslpassword"].contains(parameter.prefix { $0 != "=" })
    }
    return shown + rest[..<mark] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
}
