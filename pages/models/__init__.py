from .accessibility import AccessibilityPage
from .base import SitePage, SitePageManager, SitePageQuerySet
from .documents import SiteDocument
from .election import ElectionPeriod
from .home import HomePage, HomePageGoal
from .identity import SiteIdentity
from .images import SiteImage, SiteRendition
from .institutional import InstitutionalPage, Legislation
from .menus import Menu, MenuItem
from .notice import SiteNotice
from .site_map import SiteMapPage
from .standard import StandardPage
from .video import VideoCaption, VideoFile, VideoIndexPage, VideoPage

__all__ = [
    "AccessibilityPage",
    "ElectionPeriod",
    "HomePage",
    "HomePageGoal",
    "InstitutionalPage",
    "Legislation",
    "Menu",
    "MenuItem",
    "SiteDocument",
    "SiteIdentity",
    "SiteImage",
    "SiteMapPage",
    "SiteNotice",
    "SitePage",
    "SitePageManager",
    "SitePageQuerySet",
    "SiteRendition",
    "StandardPage",
    "VideoCaption",
    "VideoFile",
    "VideoIndexPage",
    "VideoPage",
]
