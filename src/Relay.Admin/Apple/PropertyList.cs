using System.Globalization;
using System.Text;
using System.Xml;

namespace Relay.Admin.Apple;

/// <summary>
/// Writes an XML property list. Texts are escaped by the XML writer; what XML cannot hold is refused by it.
/// </summary>
internal static class PropertyList
{
    /// <summary>A dictionary as a property list of its own.</summary>
    public static byte[] Of(PayloadDictionary root)
    {
        using var output = new MemoryStream();
        using (var xml = XmlWriter.Create(output, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = true,
            NewLineChars = "\n",
        }))
        {
            xml.WriteStartDocument();
            xml.WriteDocType(
                "plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null);
            xml.WriteStartElement("plist");
            xml.WriteAttributeString("version", "1.0");
            Write(xml, root);
            xml.WriteEndElement();
        }
        return output.ToArray();
    }

    private static void Write(XmlWriter xml, object value)
    {
        switch (value)
        {
            case string text:
                xml.WriteElementString("string", text);
                break;
            case bool truth:
                xml.WriteStartElement(truth ? "true" : "false");
                xml.WriteEndElement();
                break;
            case int number:
                xml.WriteElementString("integer", number.ToString(CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                xml.WriteElementString("data", Convert.ToBase64String(bytes));
                break;
            case DateTimeOffset time:
                xml.WriteElementString("date", PayloadDictionary.TextOf(time));
                break;
            case PayloadDictionary dictionary:
                xml.WriteStartElement("dict");
                foreach (var (key, one) in dictionary)
                {
                    xml.WriteElementString("key", key);
                    Write(xml, one);
                }
                xml.WriteEndElement();
                break;
            case IEnumerable<object> list:
                xml.WriteStartElement("array");
                foreach (var one in list)
                    Write(xml, one);
                xml.WriteEndElement();
                break;
            default:
                throw new ArgumentException($"a {value.GetType()} in a property list", nameof(value));
        }
    }
}
