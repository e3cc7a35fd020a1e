extension String {
    /// Without blanks, tabs and line ends at either end.
    var trimmed: String {
        guard let first = utf8.first, let last = utf8.last, first.isBlank || last.isBlank else { return self }
        var rest = utf8[...]
        while let first = rest.first, first.isBlank { rest = rest.dropFirst() }
        while let last = rest.last, last.isBlank { rest = rest.dropLast() }
        return String(Substring(rest))
    }

    /// Without any blank at all: how account numbers compare.
    var withoutBlanks: String { utf8.contains(where: \.isBlank) ? filter { !$0.isWhitespace } : self }
}

extension UInt8 {
    /// Blank, tab, line feed, carriage return.
    var isBlank: Bool { self == 32 || self == 9 || self == 10 || self == 13 }
    var isDigit: Bool { self >= 48 && self <= 57 }
}
