using System.Globalization;
using System.Text;
using QRCoder;

namespace Relay.Admin.Enrolments;

/// <summary>A QR code (ISO/IEC 18004), with the quiet zone of four modules around it.</summary>
internal sealed class QrCode
{
    private const int PixelsOfModule = 6;

    private readonly bool[][] _isDark;

    private QrCode(bool[][] isDark) => _isDark = isDark;

    /// <summary>Makes that of a text.</summary>
    public static QrCode Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        return new QrCode([.. code.ModuleMatrix.Select(static row => row.Cast<bool>().ToArray())]);
    }

    /// <summary>
    /// In lines of half blocks, two rows of modules each: a block is dark, whatever the terminal's colours are, so whoever shows it
    /// says that they are dark on light.
    /// </summary>
    public string ToText()
    {
        var text = new StringBuilder();
        for (var y = 0; y < _isDark.Length; y += 2)
        {
            for (var x = 0; x < _isDark.Length; x++)
                text.Append((_isDark[y][x], y + 1 < _isDark.Length && _isDark[y + 1][x]) switch
                {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    _ => ' ',
                });
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>As a picture that needs neither style nor script, and has its own colours.</summary>
    public string ToSvg()
    {
        var path = new StringBuilder();
        for (var y = 0; y < _isDark.Length; y++)
        {
            for (var x = 0; x < _isDark.Length; x++)
            {
                if (!_isDark[y][x])
                    continue;
                var from = x;
                while (x + 1 < _isDark.Length && _isDark[y][x + 1])
                    x++;
                path.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from + 1}v1h-{x - from + 1}z");
            }
        }
        var side = _isDark.Length;
        return string.Create(CultureInfo.InvariantCulture, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side * PixelsOfModule}" height="{side * PixelsOfModule}" role="img" aria-label="QR code of the link" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path fill="#000" d="{path}"/></svg>
            """);
    }
}
