using Relay.Native.IpsecMb;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>What some key, nonce and header make of a plaintext, all in hexadecimal.</summary>
internal sealed record Vector(
    PacketCipher Cipher, string Key, string Nonce, string Header, string Plaintext, string Sealed);

/// <summary>Vectors of others.</summary>
internal static class Vectors
{
    /// <summary>NIST CAVS 14.0, gcmEncryptExtIV128.rsp and gcmEncryptExtIV256.rsp: the first of some lengths.</summary>
    internal static readonly Vector[] Nist =
    [
        new(PacketCipher.Aes128Gcm,
            "11754cd72aec309bf52f7687212e8957",
            "3c819d9a9bed087615030b65",
            "",
            "",
            "250327c674aaf477aef2675748cf6971"),
        new(PacketCipher.Aes128Gcm,
            "77be63708971c4e240d1cb79e8d77feb",
            "e0e00f19fed7ba0136a797f3",
            "7a43ec1d9c0a5a78a0b16533a6213cab",
            "",
            "209fcc8d3675ed938e9c7166709dd946"),
        new(PacketCipher.Aes128Gcm,
            "cbd3b8dbfcfb11ce345706e6cd73881a",
            "dc62bb68d0ec9a5d759d6741",
            "0944b661fe6294f3c92abb087ec1b259b032dc4e0c5f28681cbe6e63c2178f474326f35ad3ca80c28e3485e7e5b252c8",
            "85f83bf598dfd55bc8bfde2a64",
            "206f6b3bb032dfecd39f8340b1425a21b2ea90580c889134032b914bb5"),
        new(PacketCipher.Aes128Gcm,
            "9971071059abc009e4f2bd69869db338",
            "07a9a95ea3821e9c13c63251",
            "",
            "f54bc3501fed4f6f6dfb5ea80106df0bd836e6826225b75c0222f6e859b35983",
            "0556c159f84ef36cb1602b4526b12009c775611bffb64dc0d9ca9297cd2c6a017870d9117f54811a346970f1de090c41"),
        new(PacketCipher.Aes128Gcm,
            "2c1f21cf0f6fb3661943155c3e3d8492",
            "23cb5ff362e22426984d1907",
            "5d3624879d35e46849953e45a32a624d6a6c536ed9857c613b572b0333e701557a713e3f010ecdf9a6bd6c9e3e44b065"
            + "208645aff4aabee611b391528514170084ccf587177f4488f33cfb5e979e42b6e1cfc0a60238982a7aec",
            "42f758836986954db44bf37c6ef5e4ac0adaf38f27252a1b82d02ea949c8a1a2dbc0d68b5615ba7c1220ff6510e259f0"
            + "6655d8",
            "81824f0e0d523db30d3da369fdc0d60894c7a0a20646dd015073ad2732bd989b14a222b6ad57af43e1895df9dca2a534"
            + "4a62cc57a3ee28136e94c74838997ae9823f3a"),
        new(PacketCipher.Aes256Gcm,
            "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
            "516c33929df5a3284ff463d7",
            "",
            "",
            "bdc1ac884d332457a1d2664f168c76f0"),
        new(PacketCipher.Aes256Gcm,
            "78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223",
            "d79cf22d504cc793c3fb6c8a",
            "b96baa8c1c75a671bfb2d08d06be5f36",
            "",
            "3e5d486aa2e30b22e040b85723a06e76"),
        new(PacketCipher.Aes256Gcm,
            "5f671466378f470ba5f5160e2209f3d95a48b7e560625d5a08654414de23aee2",
            "6b3c08a663d04132243dd96c",
            "12965559c31d538f937bda6eee9c93b0387318dc5d9496fb1c3a0b9b978dbfebff2a5823974ee9d679834dbe59f7ec51",
            "c428592d9f8a7f107ec4d0df05",
            "1d8d7fe4357080c817303ce19ce88d6b566fdc7b4fd62106bd2eb806ec"),
        new(PacketCipher.Aes256Gcm,
            "268ed1b5d7c9c7304f9cae5fc437b4cd3aebe2ec65f0d85c3918d3d3b5bba89b",
            "9ed9d8180564e0e945f5e5d4",
            "",
            "fe29a40d8ebf57262bdb87191d01843f4ca4b2de97d88273154a0b7d9e2fdb80",
            "791a4a026f16f3a5ea06274bf02baab469860abde5e645f3dd473a5acddeecfc05b2b74db0662550435ef1900e136b15"),
        new(PacketCipher.Aes256Gcm,
            "148579a3cbca86d5520d66c0ec71ca5f7e41ba78e56dc6eebd566fed547fe691",
            "b08a5ea1927499c6ecbfd4e0",
            "e4f963f015ffbb99ee3349bbaf7e8e8e6c2a71c230a48f9d59860a29091d2747e01a5ca572347e247d25f56ba7ae8e05"
            + "cde2be3c97931292c02370208ecd097ef692687fecf2f419d3200162a6480a57dad408a0dfeb492e2c5d",
            "9d0b15fdf1bd595f91f8b3abc0f7dec927dfd4799935a1795d9ce00c9b879434420fe42c275a7cd7b39d638fb81ca52b"
            + "49dc41",
            "2097e372950a5e9383c675e89eea1c314f999159f5611344b298cda45e62843716f215f82ee663919c64002a5c198d78"
            + "78fd3fadbecdb0d5c2224d804d2886ff9a5760"),
    ];

    /// <summary>NIST CAVS 14.0, gcmDecrypt128.rsp and gcmDecrypt256.rsp: the first that has to fail of one length.</summary>
    internal static readonly Vector[] NistForged =
    [
        new(PacketCipher.Aes128Gcm,
            "52bdbbf9cf477f187ec010589cb39d58",
            "d3be36d3393134951d324b31",
            "93c4fc6a4135f54d640b0c976bf755a06a292c33",
            "",
            "700188da144fa692cf46e4a8499510a53d90903c967f7f13e8a1bd8151a74adc4fe63e32b992760b3a5f99e9a4783886"
            + "7000a98ca4e38aa3dfa6b1d0297021ccf3ea5f"),
        new(PacketCipher.Aes256Gcm,
            "e9d381a9c413bee66175d5586a189836e5c20f5583535ab4d3f3e612dc21700e",
            "23e81571da1c7821c681c7ca",
            "6f39c9ae7b8e8a58a95f0dd8ea6a9087cbccdfd6",
            "",
            "a25f3f580306cd5065d22a6b7e9660110af7204bb77d370f7f34bee547feeff7b32a596fce29c9040e68b1589aad48da"
            + "8819905b6dcd70eefb0892fab1539298b92a4b"),
    ];

    /// <summary>RFC 8439 §2.8.2 and A.5, RFC 9001 A.3 and A.5.</summary>
    internal static readonly Vector[] Rfc =
    [
        new(PacketCipher.ChaCha20Poly1305,
            "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            "070000004041424344454647",
            "50515253c0c1c2c3c4c5c6c7",
            "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20496620492063"
            + "6f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
            + "637265656e20776f756c642062652069742e",
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
            + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
            + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            + "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"),
        new(PacketCipher.ChaCha20Poly1305,
            "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
            "000000000102030405060708",
            "f33388860000000000004e91",
            "496e7465726e65742d4472616674732061726520647261667420646f63756d656e74732076616c696420666f72206120"
            + "6d6178696d756d206f6620736978206d6f6e74687320616e64206d617920626520757064617465642c207265706c6163"
            + "65642c206f72206f62736f6c65746564206279206f7468657220646f63756d656e747320617420616e792074696d652e"
            + "20497420697320696e617070726f70726961746520746f2075736520496e7465726e65742d4472616674732061732072"
            + "65666572656e6365206d6174657269616c206f7220746f2063697465207468656d206f74686572207468616e20617320"
            + "2fe2809c776f726b20696e2070726f67726573732e2fe2809d",
            "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
            + "4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
            + "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
            + "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
            + "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
            + "af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
            + "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
            + "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
            + "a6ad5cb4022b02709b" + "eead9d67890cbb22392336fea1851f38"),
        new(PacketCipher.Aes128Gcm,
            "cf3a5331653c364c88f0f379b6067e37",
            "0ac1493ca1905853b0bba03f",
            "c1000000010008f067a5502a4262b50040750001",
            "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a12"
            + "00130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a002b00020304",
            "5a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f5ede4cf73c3ec2493a1839b3dbcb"
            + "a3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795d77d06edbb7aaf2f58891850"
            + "abbdca3d20398c276456cbc42158407dd074ee"),
        new(PacketCipher.ChaCha20Poly1305,
            "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
            "e0459b3474bdd0e46d417eb0",
            "4200bff4",
            "01",
            "655e5cd55c41f69080575d7999c25a5bfb"),
    ];
}
