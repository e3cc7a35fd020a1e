import Domain
import Operations

extension Money {
    /// `1,234.50` with its fraction in a part of fixed width, so that amounts of any currency align on the decimal; a minus for what is
    /// below zero. The currency stands beside it where a reader cannot know it.
    package func html(withCurrency: Bool = false) -> HTML {
        let text = readable, number = text.dropLast(4), point = number.firstIndex(of: ".") ?? number.endIndex
        let whole = number[..<point].drop { $0 == "\u{2212}" }, sign = minor < 0 ? "\u{2212}" : ""
        let code: HTML = withCurrency ? " <span class=\"cur\">\(currency.code)</span>" : ""
        return
            """
            <span class="amt\(minor < 0 ? " neg" : "")">\(sign)\(String(whole))<span class="f">\(String(number[point...]))</span>\
            </span>\(code)
            """
    }
}

/// The currency of the books whose page is being drawn.
enum BooksCurrency {
    /// nil outside of a page.
    @TaskLocal static var own: Currency?
}

extension Set<Currency> {
    /// Whether a list of amounts in these says which: a reader takes one currency alone for the books' own.
    var areNamed: Bool { count > 1 || BooksCurrency.own.map { own in contains { $0 != own } } ?? false }

    /// Whether amounts of these beneath one another align on the decimal only with room for the longest fraction.
    var haveMixedFractions: Bool { Set<Int>(map(\.exponent)).count > 1 }
}

extension Day {
    /// `24 Nov 2026` for people, the ISO date for programs.
    package var html: HTML { "<time datetime=\"\(iso8601)\">\(words)</time>" }
}

extension Instant {
    /// `24 Nov 2026, 08:15 UTC`.
    package var html: HTML {
        let text = iso8601, day = Day(text.prefix(10)) ?? Day(number: 0)
        return "<time datetime=\"\(text)\">\(day.words), \(String(text.dropFirst(11).prefix(5))) UTC</time>"
    }
}

/// What others begin in small letters as a sentence of its own; a first word that is more than letters is a number or a name and stays.
func sentence(_ text: String) -> String {
    guard text.prefix(while: { $0 != " " }).allSatisfy({ $0.isLetter || $0 == "," }) else { return text }
    return text.prefix(1).uppercased() + text.dropFirst()
}

/// `an approver, controller or administrator`.
func people(who right: Role.Right) -> String {
    let roles = Role.allCases.filter { $0.rights.contains(right) }.map(\.rawValue)
    let article = roles.first?.first.map { "aeiou".contains($0) } == true ? "an" : "a"
    let several = roles.dropLast().joined(separator: ", "), last = roles.last ?? ""
    return "\(article) \(several.isEmpty ? last : "\(several) or \(last)")"
}

extension Role.Right {
    /// What it lets people do, after "can".
    var deed: String {
        switch self {
        case .read: "look at the books"
        case .work: "apply cash, import files and change what a customer is known by"
        case .collect: "write to customers, set parts of a document apart and write them off"
        case .approve: "release or cancel orders and decide what waits for approval"
        case .control: "start runs, recount the books and close periods"
        case .administer: "see and change people and keys"
        case .audit: "see who did what"
        }
    }
}

/// `credit_note` as a reader's `Credit note`.
func words(_ code: String) -> String {
    let text = code.replacing("_", with: " ")
    return text.prefix(1).uppercased() + text.dropFirst()
}

/// 1523 with two decimals is `15.23`; with one wanted, `15.2`: rounded once, half away from zero.
func decimalText(_ value: Int64, _ decimals: Int, shown: Int? = nil) -> String {
    let shown = shown ?? decimals, unit = powerOfTen(max(0, decimals - shown))
    let scaled = (value + (value < 0 ? -unit : unit) / 2) / unit
    guard shown > 0 else { return (scaled < 0 ? "\u{2212}" : "") + String(scaled.magnitude) }
    let digits = String(scaled.magnitude), padded = String(repeating: "0", count: max(0, shown + 1 - digits.count)) + digits
    return "\(scaled < 0 ? "\u{2212}" : "")\(padded.dropLast(shown)).\(padded.suffix(shown))"
}

/// An address of the desk with its question: `Link("/orders", ["state": "held"])`; empty values are left out.
struct Link {
    private(set) var text: String
    init(_ path: String, _ query: KeyValuePairs<String, String?> = [:]) {
        self.init(path, query.compactMap { name, value in value.map { (name, $0) } })
    }

    init(_ path: String, _ query: [(name: String, value: String)]) {
        let query = Self.query(query.filter { !$0.value.isEmpty })
        text = query.isEmpty ? path : path + "?" + query
    }

    /// `a=1&b=2`, as `formPairs` reads it.
    static func query(_ pairs: [(name: String, value: String)]) -> String {
        pairs.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
    }

    /// A segment of a path, a value of a query or of a cookie, percent-encoded; `percentDecoded` reads it.
    ///
    /// - Source: RFC 3986, 2.3: all but its unreserved characters.
    static func encoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: result.unicodeScalars.append(Unicode.Scalar(byte))
            default: result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
