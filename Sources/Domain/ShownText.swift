extension String {
    /// As a reader may be shown it: characters that leave nothing to be seen, or turn the text behind them around, are written out as
    /// `[U+202E]`, and so are control characters but tabs and line ends. What is stored stays as it is.
    ///
    /// - Source: Unicode Technical Report 36, 2.10: names that look alike. Joiners stay between letters beyond U+0590: Arabic and Indic scripts
    ///   and emoji are written with them.
    package var shown: String {
        guard utf8.contains(where: mayHide) else { return self }
        let scalars = Array(unicodeScalars)
        guard scalars.indices.contains(where: { isHidden(scalars, $0) }) else { return self }
        var text = String.UnicodeScalarView()
        for at in scalars.indices {
            if isHidden(scalars, at) { text.append(contentsOf: scalars[at].written.unicodeScalars) } else { text.append(scalars[at]) }
        }
        return String(text)
    }
}

extension Unicode.Scalar {
    /// `[U+202E]`
    package var written: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "[U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
    }

    /// Whether nothing is to be seen of it, or it turns the text behind it around; blanks and line ends are told by what they do.
    package var isHidden: Bool {
        switch value {
        case 0x09, 0x0A, 0x0D: false
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
            0xE0000...0xE007F:
            true
        default: false
        }
    }
}

/// The bytes that a hidden character may begin with: most texts hold none of them.
private func mayHide(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x09, 0x0A, 0x0D: false
    case 0..<0x20, 0x7F, 0xC2, 0xD8, 0xE1, 0xE2, 0xEF, 0xF3: true
    default: false
    }
}

private func isHidden(_ scalars: [Unicode.Scalar], _ at: Int) -> Bool {
    guard scalars[at].isHidden else { return false }
    guard [0x200C, 0x200D].contains(scalars[at].value), at > 0, at + 1 < scalars.count else { return true }
    return scalars[at - 1].value < 0x590 || scalars[at + 1].value < 0x590 || scalars[at - 1].isHidden || scalars[at + 1].isHidden
}
